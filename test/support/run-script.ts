import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Runs a script by Node to its end, beside this process, and resolves with what it printed. Its environment is only what is given. */
export async function runScript(file: string, options: { cwd: string; env: Record<string, string> }): Promise<string> {
  const { stdout } = await execute(process.execPath, ['--no-warnings', file], options)
  return stdout
}
