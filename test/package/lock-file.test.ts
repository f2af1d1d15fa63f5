import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, { resolved?: string; integrity?: string }>
}

test('the lock file records no download addresses', () => {
  expect(Object.keys(packages)).toContain('node_modules/lru-cache')
  expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
})

test('every package in the lock file has a checksum', () => {
  const unchecked = Object.entries(packages).filter(([place, { integrity }]) => place !== '' && !integrity?.startsWith('sha512-'))
  expect(unchecked.map(([place]) => place)).toEqual([])
})
