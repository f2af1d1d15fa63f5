/** From a nearby network to the longest reasonable `loadTimeoutMs`, in seconds. */
export const loadBoundaries: number[] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** From a rotation that takes one step to a pool that has no working login for hours, in seconds. */
export const windowBoundaries: number[] = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600]
