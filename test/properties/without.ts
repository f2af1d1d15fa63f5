/** What `MODEL_WITHOUT=delete,jump,lookalike` leaves out of a run, to see what a failure needs: commands, `evict`, `lookalike`, `foreign`. */
export const without: ReadonlySet<string> = new Set((process.env.MODEL_WITHOUT ?? '').split(','))
