import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

// Packs what was built, as it is published, into the folder that is named: tsx .ci/pack.ts FOLDER

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('Name the folder for the tarball.')

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, unknown>
const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env
if (GITHUB_SERVER_URL && GITHUB_REPOSITORY) {
  // The registry accepts a statement of provenance only from the repository that the package names: the one that this runs in.
  manifest.repository = { type: 'git', url: `git+${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git` }
}

const copy = mkdtempSync(join(tmpdir(), 'awscurrent-pack-'))
try {
  writeFileSync(join(copy, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  for (const file of readdirSync('.'))
    if (/^(readme|license|dist)\b/i.test(file)) cpSync(file, join(copy, file), { recursive: true })
  mkdirSync(folder, { recursive: true })
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', resolve(folder)], { cwd: copy, stdio: 'inherit' })
} finally {
  rmSync(copy, { recursive: true })
}
