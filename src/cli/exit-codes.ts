/** What the exit codes of every command mean; docs/cli.md has the same table. A command that runs another one ends with that one's code. */
export const exitCodes = {
  /** It did what was asked. */
  ok: 0,
  /** It ran, and the outcome is bad: a secret is missing or denied, or the doctor has a finding. */
  failed: 1,
  /** The command line or a file is wrong. Nothing was tried. */
  usage: 2,
  /** AWS cannot be asked: no credentials, no Region, no AWS SDK, nothing that answers. */
  unreachable: 3,
  /** The command to run exists, but cannot be executed. As in shells. */
  notExecutable: 126,
  /** The command to run does not exist. As in shells. */
  notFound: 127,
  /** Ended by a signal: add its number. As in shells. */
  signalled: 128,
} as const
