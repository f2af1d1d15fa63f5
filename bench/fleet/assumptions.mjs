/** Calls a second that Secrets Manager grants an account and Region. The cache makes no DescribeSecret. */
export const quotas = { GetSecretValue: 10_000, BatchGetSecretValue: 100, DescribeSecret: 40_000 }

/** Subscribe calls a second that SNS grants: what limits how fast a fleet can begin to listen. */
export const subscribesPerSecond = 100

/** Dollars, without free tiers, taxes and data transfer. */
export const prices = {
  secretsManagerCall: 0.05 / 10_000,
  sqsRequest: 0.4 / 1e6,
  snsRequest: 0.5 / 1e6,
  /** To a queue or a function a delivery is free. */
  snsHttpDelivery: 0.6 / 1e6,
  /** Events of AWS's own services cost nothing. */
  eventBridgeEvent: 0,
}

/**
 * How long things take. AWS promises none of it; the event's way, above all, is a guess on the cautious side.
 */
export const durations = {
  answer: { medianMs: 12, p99Ms: 80 },
  refusal: { medianMs: 5, p99Ms: 20 },
  /** From the move of the label to the publication by SNS, once for each rotation. */
  eventBridge: { medianMs: 500, p99Ms: 3_000 },
  /** From there into the open poll of one instance. */
  queue: { medianMs: 100, p99Ms: 1_000 },
  /** How long after a rotation a call may still be answered with the version before: the mean. */
  oldAnswersMeanMs: 300,
  /** After that a message that could not be handled is received again. */
  visibilityMs: 60_000,
}
