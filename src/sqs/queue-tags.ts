/** What the names of all queues begin with that an instance makes for itself: policies and the sweep go by it. */
export const queueNamePrefix = 'awscurrent-'

const topicTag = 'awscurrent:topic'
const heartbeatTag = 'awscurrent:heartbeat'

/** The tags that say whose a queue is and when its instance was last alive. */
export function queueTags(topicArn: string, now: number): Record<string, string> {
  return { [topicTag]: topicArn, [heartbeatTag]: new Date(now).toISOString() }
}

/** When the instance was last alive that made a queue for `topicArn`; undefined if the queue is another's. */
export function lastHeartbeat(tags: Readonly<Record<string, string>>, topicArn: string): number | undefined {
  if (tags[topicTag] !== topicArn) return undefined
  const at = Date.parse(tags[heartbeatTag] ?? '')
  return Number.isNaN(at) ? undefined : at
}
