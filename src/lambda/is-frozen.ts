/**
 * Whether Lambda runs one invocation at a time and freezes the process in between. On Lambda Managed Instances it does not freeze it, and
 * invocations run concurrently.
 */
export function isFrozenBetween(): boolean {
  return process.env.AWS_LAMBDA_INITIALIZATION_TYPE !== 'lambda-managed-instances'
}
