import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path/posix'
import { describe, expect, inject, it } from 'vitest'

interface Manifest {
  scripts?: Record<string, string>
}

const installed = (): string => `${inject('bareApp')}/node_modules`
const readManifest = (folder: string): Manifest => JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))

/** Scripts that npm runs where a package is installed. */
const installScripts = ['preinstall', 'install', 'postinstall']

describe('what users install', () => {
  it('is the package and one dependency', () => {
    const names = readdirSync(installed()).filter(name => !name.startsWith('.'))
    expect(names.sort()).toEqual(['awscurrent', 'lru-cache'])
  })

  it.each(['awscurrent', 'lru-cache'])('%s runs nothing when it is installed', name => {
    const folder = join(installed(), name)
    const { scripts = {} } = readManifest(folder)
    expect(Object.keys(scripts).filter(script => installScripts.includes(script))).toEqual([])
    // npm would build it without being told to.
    expect(existsSync(join(folder, 'binding.gyp'))).toBe(false)
  })

  it('is compiled modules and their declarations, and no path of the machine that built them', () => {
    const dist = join(installed(), 'awscurrent/dist')
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    expect(files.filter(file => !/^[\w-]+(\.js|\.cjs|\.d\.ts|\.d\.cts)$/.test(file))).toEqual([])
    expect(files.filter(file => readFileSync(join(dist, file), 'utf8').includes(process.cwd()))).toEqual([])
  })
})

describe('workflows', () => {
  const folder = '.github/workflows'
  const workflows = readdirSync(folder).map(file => [file, readFileSync(join(folder, file), 'utf8')] as const)

  it.each(workflows)('%s has no right but those that a job names, and each action by its commit', (_, text) => {
    expect(text).toMatch(/^permissions: \{\}$/m)
    const actions = [...text.matchAll(/uses: (\S+)/g)].map(([, action]) => action)
    expect(actions.filter(action => !/^([\w/-]+@[0-9a-f]{40}|\.\/.*\.yml)$/.test(action ?? ''))).toEqual([])
  })

  it('only the job that publishes may write, and only its identity', () => {
    const writes = workflows.flatMap(([file, text]) => [...text.matchAll(/(\S+): write/g)].map(([, right]) => [file, right]))
    expect(writes).toEqual([['publish.yml', 'id-token']])
  })
})
