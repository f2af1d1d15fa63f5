/** A secret or one of its fields, as a task definition or a template refers to it. */
export interface SecretReference {
  secretId: string
  jsonKey?: string
  versionStage?: string
  versionId?: string
}
