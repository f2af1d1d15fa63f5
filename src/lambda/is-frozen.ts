/**
 * Whether Lambda freezes the process between two invocations, of which it has one at a time. On Lambda Managed Instances it does not, and
 * invocations run side by side.
 */
export function isFrozenBetween(): boolean {
  return process.env.AWS_LAMBDA_INITIALIZATION_TYPE !== 'lambda-managed-instances'
}
