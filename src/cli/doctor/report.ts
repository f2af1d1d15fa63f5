import { exitCodes } from '../exit-codes.js'
import type { Finding, Status } from './finding.js'

const marks: Readonly<Record<Status, string>> = { ok: '✓', warning: '!', problem: '✗', unknown: '?' }
const colours: Readonly<Record<Status, number>> = { ok: 32, warning: 33, problem: 31, unknown: 36 }
const idWidth = 15

/** The findings as a list to read. */
export function asText(findings: readonly Finding[], inColour: boolean): string {
  const indent = ' '.repeat(idWidth + 2)
  const entries = findings.map(({ id, status, what, remedy, statement, pattern }) => {
    const mark = inColour ? `\u001b[${colours[status]}m${marks[status]}\u001b[0m` : marks[status]
    const json = statement ?? pattern
    const lines = [`${mark} ${id.padEnd(idWidth)}${what}`]
    if (remedy !== undefined) lines.push(`${indent}→ ${remedy}`)
    if (json !== undefined) lines.push(JSON.stringify(json, null, 2).replace(/^/gm, `${indent}  `))
    return `${lines.join('\n')}\n`
  })
  const counts = countsOf(findings)
  const ending = `${counts.problem} problems, ${counts.warning} warnings, ${counts.unknown} not checked, ${counts.ok} ok`
  return `${entries.join('')}\n${ending}\n`
}

/** The findings for programs. */
export function asJson(secretId: string, findings: readonly Finding[]): string {
  return `${JSON.stringify({ secretId, counts: countsOf(findings), findings }, null, 2)}\n`
}

function countsOf(findings: readonly Finding[]): Record<Status, number> {
  const counts: Record<Status, number> = { problem: 0, warning: 0, unknown: 0, ok: 0 }
  for (const { status } of findings) counts[status] += 1
  return counts
}

/** A problem is a failure; if nothing could be checked, AWS cannot be asked. */
export function exitCodeFor(findings: readonly Finding[]): number {
  if (countsOf(findings).problem > 0) return exitCodes.failed
  // The Region is found without a call.
  return findings.some(({ id, status }) => status !== 'unknown' && id !== 'region') ? exitCodes.ok : exitCodes.unreachable
}
