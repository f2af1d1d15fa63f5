import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

const demo = (...args: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', 'examples/demo/index.ts', ...args], { encoding: 'utf8', timeout: 60_000 })

describe('the demo', () => {
  it('ends well when no query of our pool has failed, and tells what happened in plain lines', () => {
    const { status, stdout, stderr } = demo('--seconds', '10', '--window', '0')
    expect(stderr).toBe('')
    expect(stdout).toMatch(/awscurrent logs in with v2/)
    expect(stdout).toMatch(/1 rotations?, and no query of awscurrent failed/)
    expect(status).toBe(0)
  })

  it('says how it is called when it is held wrong', () => {
    const { status, stderr } = demo('--seconds', 'many')
    expect(stderr).toMatch(/--seconds 30/)
    expect(status).toBe(2)
  })
})
