/** The output of an operation, in the form of the SDK's: dates are `Date`, blobs `Uint8Array`. */
export type Output = Readonly<Record<string, unknown>>
