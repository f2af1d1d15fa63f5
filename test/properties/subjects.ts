import type { FakeSecretsManager } from '../../src/testing/index.js'

/** One version of a secret. Its number is part of its text, and no other version of any secret has it. */
export interface Version {
  readonly number: number
  readonly versionId: string
  readonly text: string
  readonly arn: string
  readonly subject: Subject
}

/** A secret by account and name. Deleted and made again it has another ARN, and is still the one that a name means. */
export interface Subject {
  readonly name: string
  readonly fake: FakeSecretsManager
  /** Whether a plain name may mean it: those of another account are read by ARN only. */
  readonly isOwn: boolean
  /** Every ARN that it had, the last one last. */
  readonly arns: string[]
  /** The versions that were current one after the other. */
  readonly reigns: Version[]
  isThere: boolean
}

/** An id as it is passed, and what it means. */
export interface Asked {
  readonly id: string
  readonly form: 'name' | 'partial' | 'full'
  readonly subject: Subject
}

/** What a read asks for: a staging label, a version, or both. */
export type View = string

/** The staging label that is read when a read names none. */
export const current: View = 'AWSCURRENT'

export function viewOf({ versionStage, versionId }: { versionStage?: string | undefined; versionId?: string | undefined }): View {
  return versionId === undefined ? (versionStage ?? current) : `${versionStage ?? ''}#${versionId}`
}

/** Whether a view is of a version by its id, which never changes. */
export function isPinned(view: View): boolean {
  return view.includes('#')
}

/** Whether a version may be what an id means. Made again under its name, a secret is still found by an entry that was first read by its old ARN. */
export function leadsTo({ form, id, subject }: Asked, version: Version): boolean {
  if (version.subject !== subject) return false
  return form !== 'full' || subject.arns.indexOf(version.arn) >= subject.arns.indexOf(id)
}
