/** What proves that an account is the other user's of a pair, for hints. An edit of the secret between two rotations takes that away. */
export const proofRemedy =
  'If it is the other user of this pair, have an administrator prove that: store a copy of the current version, with the name and password of that user, under the label AWSPREVIOUS (PutSecretValue with VersionStages ["AWSPREVIOUS"]). If AWSPREVIOUS is such a version already, its password has expired, and the server has anonymous accounts: drop those.'
