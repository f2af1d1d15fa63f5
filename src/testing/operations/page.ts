import { ServiceError } from '../service-error.js'

/** A page of a longer list, with the token of the next page if there is one. */
export interface Page<T> {
  items: T[]
  NextToken?: string
}

const tokenForm = /^page-from-(\d+)$/

/** The page for a token; the first page without one. */
export function pageOf<T>(
  all: readonly T[],
  most: number,
  token: string | undefined,
  complaint = 'InvalidNextTokenException',
): Page<T> {
  const start = token === undefined ? 0 : startOf(token, complaint)
  const items = all.slice(start, start + most)
  const end = start + items.length
  return end < all.length ? { items, NextToken: Buffer.from(`page-from-${end}`).toString('base64url') } : { items }
}

function startOf(token: string, complaint: string): number {
  const [, start] = tokenForm.exec(Buffer.from(token, 'base64url').toString()) ?? []
  if (start === undefined) throw new ServiceError(complaint, 'The NextToken value is invalid.')
  return Number(start)
}
