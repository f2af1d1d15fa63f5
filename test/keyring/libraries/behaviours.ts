import { expect, it, onTestFinished } from 'vitest'
import { type Ringed, ringed, signAfterMs } from '../ringed.js'

/** A library that signs values with the keys of a keyring. */
export interface Library {
  sign(value: string): Promise<string>
  /** The value of what was signed; undefined if no key verifies it. */
  verify(signed: string): Promise<string | undefined>
  close?(): Promise<void>
}

/** What holds for each library that follows a keyring. Signed values that name their key are signed with the new one at once. */
export function itFollows(
  what: string,
  open: (scene: Ringed) => Promise<Library> | Library,
  { namesKey = false }: { namesKey?: boolean } = {},
): void {
  it(`${what} loses no valid value in a rotation, and takes none that is two rotations old`, async () => {
    const scene = await ringed()
    const { clock, rotate } = scene
    const library = await open(scene)
    onTestFinished(() => library.close?.())
    const signed: string[] = []
    const sign = async (value: string): Promise<number> => signed.push(await library.sign(value))
    const verified = (): Promise<unknown> => Promise.all(signed.map(each => library.verify(each)))

    await sign('before')
    await rotate('fresh')
    await sign('during')
    await clock.advance(signAfterMs)
    await sign('after')
    expect(await verified()).toEqual(['before', 'during', 'after'])
    await rotate('newest')
    expect(await verified()).toEqual([undefined, namesKey ? 'during' : undefined, 'after'])
    await clock.advance(signAfterMs)
    await sign('last')
    expect(await verified()).toEqual([undefined, namesKey ? 'during' : undefined, 'after', 'last'])
  })
}
