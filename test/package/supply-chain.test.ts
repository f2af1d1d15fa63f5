import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path/posix'
import { describe, expect, inject, it } from 'vitest'
import { run } from '../support/run.js'

interface Manifest {
  scripts?: Record<string, string>
}

const installed = (): string => `${inject('bareApp')}/node_modules`
const dist = (): string => join(installed(), 'awscurrent/dist')
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

  it('is compiled modules, their declarations and licences, and no path of the machine that built them', () => {
    const files = readdirSync(dist(), { recursive: true, encoding: 'utf8' })
    const others = files.filter(file => !/^[\w-]+(\.js|\.cjs|\.d\.ts|\.d\.cts)$/.test(file))
    expect(others).toEqual(['third-party-licenses.txt'])
    expect(files.filter(file => readFileSync(join(dist(), file), 'utf8').includes(process.cwd()))).toEqual([])
  })

  it('has the licence of every package whose code it holds, and names them where no minifier drops it', () => {
    const texts = readdirSync(dist())
      .filter(file => /\.c?js$/.test(file))
      .map(file => readFileSync(join(dist(), file), 'utf8'))
    const packagesIn = (text: string) => [...text.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)/gm)].map(([, name]) => name!)
    const names = new Set(texts.flatMap(packagesIn))
    expect([...names].sort()).toEqual(['is-network-error', 'p-retry'])

    const licences = readFileSync(join(dist(), 'third-party-licenses.txt'), 'utf8')
    for (const name of names) {
      const own = readFileSync(`node_modules/${name}/license`, 'utf8')
      expect(own).toContain('Permission is hereby granted')
      expect(licences).toContain(`${name} `)
      expect(licences).toContain(own.trim())
    }
    for (const text of texts) {
      const [notice = ''] = /^\/\*!.*\*\/$/m.exec(text) ?? []
      expect([...names].filter(name => notice.includes(name)).sort()).toEqual([...new Set(packagesIn(text))].sort())
    }
  })
})

describe('the tarball', () => {
  it('names the repository whose workflow packs it, and none elsewhere', () => {
    const folder = mkdtempSync(join(tmpdir(), 'awscurrent-supply-'))
    const manifestPackedWith = (env: Record<string, string | undefined>): object => {
      run('npx', ['tsx', '.ci/pack.ts', folder], { env })
      const [tarball = ''] = readdirSync(folder)
      return JSON.parse(run('tar', ['-xOf', join(folder, tarball), 'package/package.json']))
    }
    try {
      const own = JSON.parse(readFileSync('package.json', 'utf8'))
      const ofWorkflow = { GITHUB_SERVER_URL: 'https://git.example', GITHUB_REPOSITORY: 'somebody/something' }
      const repository = { type: 'git', url: 'git+https://git.example/somebody/something.git' }
      expect(manifestPackedWith(ofWorkflow)).toEqual({ ...own, repository })
      expect(manifestPackedWith({ GITHUB_SERVER_URL: undefined, GITHUB_REPOSITORY: undefined })).toEqual(own)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('workflows', () => {
  const folder = '.github/workflows'
  const workflows = readdirSync(folder).map(file => [file, readFileSync(join(folder, file), 'utf8')] as const)
  const textOf = (name: string): string => workflows.find(([file]) => file === name)?.[1] ?? ''

  it.each(workflows)('%s has no right but those that a job names, and each action by its commit and its version', (_, text) => {
    expect(text).toMatch(/^permissions: \{\}$/m)
    const actions = [...text.matchAll(/uses: (.+)/g)].map(([, action]) => action)
    expect(actions.filter(action => !/^([\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\.\/.*\.yml)$/.test(action ?? ''))).toEqual([])
  })

  it('name one commit for one version of an action', () => {
    const used = workflows.flatMap(([, text]) => [...text.matchAll(/uses: ([\w-]+\/[\w-]+).*?@(.+)/g)])
    const commits = new Map(used.map(([, action, commit]) => [action, commit]))
    expect(used.filter(([, action, commit]) => commits.get(action) !== commit).map(([use]) => use)).toEqual([])
  })

  it('only the jobs that publish may write their identity or to Pages, and only the scanners their findings', () => {
    const writes = workflows.flatMap(([file, text]) => [...text.matchAll(/(\S+): write/g)].map(([, right]) => [file, right]))
    expect(writes).toEqual([
      ['codeql.yml', 'security-events'],
      ['pages.yml', 'pages'],
      ['pages.yml', 'id-token'],
      ['publish.yml', 'id-token'],
      ['scorecard.yml', 'security-events'],
    ])
  })

  it('keep no credentials in what they check out', () => {
    for (const [, text] of workflows) {
      expect(text.match(/persist-credentials: false/g)?.length).toBe(text.match(/actions\/checkout@/g)?.length)
    }
  })

  it('publish the tarball that CI has tested: the job that may publish builds and installs nothing, and reads no cache', () => {
    const [, job = ''] = textOf('publish.yml').split('\n  publish:\n')
    expect(job).toContain('needs: ci')
    expect(job).toContain('package-manager-cache: false')
    const commands = [...job.matchAll(/run: (.+)/g)].map(([, command]) => command)
    expect(commands).toEqual([
      expect.stringMatching(/^test "(awscurrent-\$\{GITHUB_REF_NAME#v\}\.tgz)" = "\$\(ls\)"$/),
      expect.stringMatching(
        /^npm publish --ignore-scripts --provenance --access public "\.\/awscurrent-\$\{GITHUB_REF_NAME#v\}\.tgz"$/,
      ),
    ])
    const artifact = /artifact@.+\n +with:\n +name: (.+)/
    expect(artifact.exec(job)?.[1]).toBe('tarball')
    expect(artifact.exec(textOf('ci.yml'))?.[1]).toBe('tarball')
    expect(textOf('ci.yml')).toMatch(
      /run: \.ci\/run\n[^-]*- uses: actions\/upload-artifact@.+\n +with:\n.+\n +path: packed\/\*\.tgz/,
    )
    expect(readFileSync('.ci/run', 'utf8')).toMatch(
      /\.ci\/pack\.ts packed\n[\s\S]*^TARBALL=\$\(ls packed\/\*\.tgz\)\nexport TARBALL$/m,
    )
  })
})

describe('updates', () => {
  it('are proposed, when they are a week old, for all that the project takes from others: packages, actions, and Python for the tests', () => {
    const text = readFileSync('.github/dependabot.yml', 'utf8')
    const watched = [...text.matchAll(/package-ecosystem: (\S+)\n +directory: (\S+)/g)].map(([, ecosystem, place]) => [
      ecosystem,
      place,
    ])
    expect(watched).toEqual([
      ['npm', '/'],
      ['github-actions', '/'],
      ['pip', '/test/integration/moto/python'],
    ])
    expect(text.match(/cooldown:\n +default-days: 7\n/g)?.length).toBe(watched.length)
  })
})

it('every Python package of the tests has one version and its checksums', () => {
  const text = readFileSync('test/integration/moto/python/requirements.txt', 'utf8')
  const packages = text
    .replace(/^#.*\n/gm, '')
    .replaceAll(/ \\\n +/g, ' ')
    .trim()
    .split('\n')
  expect(packages.length).toBeGreaterThan(20)
  expect(packages.filter(line => !/^[\w-]+==[\w.]+( ;.+?)?( --hash=sha256:[0-9a-f]{64})+$/.test(line))).toEqual([])
})
