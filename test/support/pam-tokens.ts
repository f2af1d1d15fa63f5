import { randomUUID } from 'node:crypto'
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.js'
import { giveAway, makeServerFolder } from './server-process.js'

/** `pam_exec` passes on no more of a password than that. */
const comparedLength = 500

/** The tokens that a MariaDB accepts through PAM, as RDS does: one user may have several of them, and the server keeps none. */
export interface PamTokens {
  /** The service of PAM, for `CREATE USER … IDENTIFIED VIA pam USING`. */
  readonly service: string
  accept(username: string, token: string): void
  reject(username: string, token: string): void
  /** Removes the service. */
  stop(): Promise<void>
}

/** Options with which MariaDB loads its plugin for PAM, and asks for passwords as they are. */
export const pamFlags: Readonly<Record<string, string>> = {
  // The other one needs a program that only root and the user `mysql` may run.
  'plugin-load-add': 'auth_pam_v1',
  'pam-use-cleartext-plugin': 'ON',
}

export async function startPamTokens(): Promise<PamTokens> {
  const folder = makeServerFolder('pam')
  const service = `awscurrent-${randomUUID()}`
  const [script, list, draft] = ['check', 'valid', 'draft'].map(name => join(folder, name)) as [string, string, string]
  const valid = new Set<string>()
  const lineOf = (username: string, token: string): string => `${username} ${token.slice(0, comparedLength)}`
  const write = (): void => {
    writeFileSync(draft, [...valid].map(line => `${line}\n`).join(''))
    giveAway(draft)
    // In one step: the server may be reading it.
    renameSync(draft, list)
  }
  write()
  writeFileSync(
    script,
    `#!/bin/sh\nexec grep --quiet --line-regexp --fixed-strings --regexp="$PAM_USER $(head -c ${comparedLength})" ${list}\n`,
  )
  chmodSync(script, 0o755)
  giveAway(script)
  const rules = `auth required pam_exec.so expose_authtok quiet ${script}\naccount required pam_permit.so\n`
  asRoot('sh', '-c', 'printf %s "$1" > "$2"', 'sh', rules, `/etc/pam.d/${service}`)
  return {
    service,
    accept(username, token) {
      valid.add(lineOf(username, token))
      write()
    },
    reject(username, token) {
      valid.delete(lineOf(username, token))
      write()
    },
    async stop() {
      asRoot('rm', `/etc/pam.d/${service}`)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Only root may define services of PAM. */
function asRoot(command: string, ...args: string[]): void {
  if (process.getuid?.() === 0) run(command, args)
  else run('sudo', ['--non-interactive', command, ...args])
}
