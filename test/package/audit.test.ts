import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'awscurrent-audit-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs the audit where `npm audit` prints `output`; resolves with how it ends and what it leaves in the summary. */
function audit(output: string, env: Record<string, string> = {}): { status: number | null; stdout: string; summary: string } {
  const npm = join(folder, 'npm')
  writeFileSync(npm, `#!/bin/sh\ncat <<'END'\n${output}\nEND\nexit 1\n`)
  chmodSync(npm, 0o755)
  const summary = join(folder, 'summary')
  rmSync(summary, { force: true })
  const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', '.ci/audit.ts'], {
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env.PATH}`, CI_SUMMARY: summary, ...env },
  })
  return { status, stdout, summary: existsSync(summary) ? readFileSync(summary, 'utf8') : '' }
}

const reportOf = (...names: string[]): string =>
  JSON.stringify({ vulnerabilities: Object.fromEntries(names.map(name => [name, { severity: 'high' }])) })

test.each(['lru-cache', 'p-retry', 'is-network-error'])('the audit fails for a known vulnerability of %s', name => {
  expect(audit(reportOf('vitest', name))).toEqual({ status: 1, stdout: `vulnerable (high): ${name}\n`, summary: '' })
})

test('the audit passes if what users get is not among the vulnerable packages', () => {
  const stdout = 'no known vulnerability: lru-cache, p-retry, is-network-error\n'
  expect(audit(reportOf('vitest'))).toEqual({ status: 0, stdout, summary: '' })
})

test.each(['{"statusCode":404,"message":"Not Found"}', '', '<html>'])(
  'an audit that the registry does not answer is in the summary of a run, and fails where releases are made: %j',
  output => {
    const { status, summary } = audit(output)
    expect(status).toBe(0)
    expect(summary).toContain('not audited')
    expect(audit(output, { GITHUB_ACTIONS: 'true' })).toMatchObject({
      status: 1,
      summary: expect.stringContaining('not audited'),
    })
  },
)

test('the end of a run shows the summary, just before how many tests passed', () => {
  expect(readFileSync('.ci/run', 'utf8')).toMatch(/^ {2}cat "\$CI_SUMMARY"\n {2}echo "\$passed passed, \$failed failed"$/m)
})
