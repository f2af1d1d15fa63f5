/** What proves that an account is the other user's of a pair, for hints. An edit of the secret between two rotations takes that away. */
export const proofRemedy =
  'If it is the other user of this pair, have an administrator prove it: AWSPREVIOUS must name it, with its password and the same host. PutSecretValue with VersionStages ["AWSPREVIOUS"] stores such a version.'
