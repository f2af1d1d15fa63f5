/** The prefix of the names of all queues that instances create for themselves; policies and the sweep rely on it. */
export const queueNamePrefix = 'awscurrent-'

const topicTag = 'awscurrent:topic'
const heartbeatTag = 'awscurrent:heartbeat'

/** The tags with the topic of a queue and the last heartbeat of its instance. */
export function queueTags(topicArn: string, now: number): Record<string, string> {
  return { [topicTag]: topicArn, [heartbeatTag]: new Date(now).toISOString() }
}

/** The last heartbeat of the instance that created a queue for `topicArn`; undefined if the queue belongs to another topic. */
export function lastHeartbeat(tags: Readonly<Record<string, string>>, topicArn: string): number | undefined {
  if (tags[topicTag] !== topicArn) return undefined
  const at = Date.parse(tags[heartbeatTag] ?? '')
  return Number.isNaN(at) ? undefined : at
}
