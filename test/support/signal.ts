/** Something that happens once and can be waited for. */
export interface Signal {
  readonly happened: Promise<void>
  happen(): void
}

export function newSignal(): Signal {
  let happen = (): void => {}
  const happened = new Promise<void>(resolve => {
    happen = resolve
  })
  return { happened, happen }
}
