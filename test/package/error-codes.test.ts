import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('each error code has one row in the documentation, with what it means and what to do', () => {
  const [, type = ''] =
    /export type SecretCacheErrorCode =([^/]+)/.exec(readFileSync('src/core/failures/errors.ts', 'utf8')) ?? []
  const codes = [...type.matchAll(/'(ERR_\w+)'/g)].map(([, code]) => code)
  const rows = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `(ERR_\w+)` \| [^|]+ \| [^|]+ \|$/gm)].map(
    ([, code]) => code,
  )
  expect(codes).not.toEqual([])
  expect(rows.toSorted()).toEqual(codes.toSorted())
})
