/** How Lambda runs a function. It does not change while the process lives, so it is read once, at construction. */
export interface ExecutionEnvironment {
  /**
   * Whether one invocation runs at a time and the process is frozen in between. On Lambda Managed Instances it is not frozen, and
   * invocations overlap.
   */
  readonly isFrozen: boolean
  /** Whether the process is a copy of a snapshot (SnapStart), which was taken after the init phase and may be weeks old. */
  readonly isRestored: boolean
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
export function executionEnvironment(): ExecutionEnvironment {
  const type = process.env.AWS_LAMBDA_INITIALIZATION_TYPE
  return { isFrozen: type !== 'lambda-managed-instances', isRestored: type === 'snap-start' }
}
