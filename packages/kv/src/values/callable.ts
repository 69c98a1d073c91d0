/** A value type that is used as it stands, `orSet`, or called for values of one type, `orSet<string>()`: the same object both ways. */
export function callable<Type extends object, Call extends () => unknown>(type: Type): Type & Call {
  return Object.assign(() => type, type) as unknown as Type & Call
}
