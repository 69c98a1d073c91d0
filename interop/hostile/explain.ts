/** Which of our differences an input can show, and which inputs must not be sent to anybody. */
import { decodeText } from '@hearsay/encoding'
import { type Anatomy, bytesOf, type Leaf, numberOf, textOf } from './anatomy.ts'
import type { DifferenceId } from './differences.ts'
import { asTold, named } from './normal.ts'
import { sameVerdict, type Verdict } from './verdict.ts'

const MAX_INCARNATION = 2 ** 32 - 2
const ACCUSATION_CEILING = 2 ** 32 - 2 ** 16
const MAX_DEPTH = 8
const USUAL = '1,5,2,0,0,0'

/** A listed difference that an input touches. */
export interface Explanation {
  readonly id: DifferenceId
  /** All that may differ is about this member; absent: anything may. */
  readonly name?: string
}

/** The differences that an input touches, given whom the peer knew before. */
export function explanations(
  { leaves, depth, hasSnappy }: Anatomy,
  known: ReadonlyMap<string, string>,
): readonly Explanation[] {
  return [
    ...(depth > MAX_DEPTH ? [{ id: 'DIV-31' as const }] : []),
    ...(hasSnappy ? [{ id: 'wire 5.4' as const }] : []),
    ...leaves.flatMap((leaf) => [...(leaf.isOddForm ? [{ id: 'wire 1.3' as const }] : []), ...ofLeaf(leaf, known)]),
  ]
}

/** The explanations that are enough to make two verdicts the same, or none. */
export function explaining(go: Verdict, ours: Verdict, found: readonly Explanation[]): readonly Explanation[] {
  const anything = found.filter(({ name }) => name === undefined)
  if (anything.length > 0) return anything
  const names = found.map(({ name }) => name!)
  return sameVerdict(without(go, names), without(ours, names)) ? found : []
}

/** What is not about these members. */
function without(verdict: Verdict, names: readonly string[]): Verdict {
  const shown = names.flatMap((name) => [named(name), named(asTold(name))])
  const isOther = (line: string): boolean => !shown.some((name) => line.includes(name))
  const { told, members, spread } = verdict
  return { ...verdict, told: told.filter(isOther), members: members.filter(isOther), spread: spread.filter(isOther) }
}

function ofLeaf(leaf: Leaf, known: ReadonlyMap<string, string>): Explanation[] {
  const { type, fields } = leaf
  switch (type) {
    case 0:
      return ofSource(leaf)
    case 1:
      return [...ofSource(leaf), ...(isIp(bytesOf(fields.get('Target'))) ? [] : [{ id: 'wire 2.2' as const }])]
    case 3:
    case 5:
      return ofAccusation(leaf, 'Node')
    case 4:
      return ofRecord(leaf, 'Node', known)
    case 'entry': {
      // An entry that does not fit stops Go from merging all the others.
      const misfit: Explanation[] = versionsOf(leaf) === USUAL ? [] : [{ id: 'DIV-32' }]
      return [
        ...misfit,
        ...(numberOf(fields.get('State')) === 0 ? ofRecord(leaf, 'Name', known) : ofAccusation(leaf, 'Name')),
      ]
    }
    default:
      return []
  }
}

function ofAccusation({ fields }: Leaf, nameField: string): Explanation[] {
  if (bytesOf(fields.get('From')).length > 255) return [{ id: 'DIV-44' }]
  if (numberOf(fields.get('Incarnation')) < ACCUSATION_CEILING) return []
  return [{ id: 'DIV-12', name: decodeText(bytesOf(fields.get(nameField))) }]
}

function ofSource({ fields }: Leaf): Explanation[] {
  const address = bytesOf(fields.get('SourceAddr'))
  const isHere = Buffer.from(address.subarray(-4)).toString('hex') === '7f000001'
  return !isIp(address) || numberOf(fields.get('SourcePort')) === 0 || isHere ? [] : [{ id: 'DIV-21' }]
}

function ofRecord({ fields }: Leaf, nameField: string, known: ReadonlyMap<string, string>): Explanation[] {
  const found: DifferenceId[] = []
  const incarnation = numberOf(fields.get('Incarnation'))
  const name = bytesOf(fields.get(nameField))
  const address = bytesOf(fields.get('Addr'))
  const record = known.get(named(decodeText(name)))
  if (bytesOf(fields.get('Vsn')).length < 6) found.push('wire P40')
  if (name.length === 0 || name.length > 255 || bytesOf(fields.get('Meta')).length > 512 || !isIp(address))
    found.push('DIV-44')
  if (incarnation === 0 && record === undefined) found.push('DIV-3')
  if (incarnation > MAX_INCARNATION) found.push('DIV-12')
  if (record !== undefined && (address.length === 16 || record.includes(' <'))) found.push('DIV-2')
  if (record !== undefined && versionsOf({ fields }) !== USUAL) found.push('DIV-5')
  if (record?.startsWith('left')) found.push('DIV-9')
  if (record !== undefined && !record.startsWith('alive')) found.push('DIV-10')
  return found.map((id) => ({ id, name: decodeText(name) }))
}

const isIp = ({ length }: Uint8Array): boolean => length === 4 || length === 16
const versionsOf = ({ fields }: Pick<Leaf, 'fields'>): string => bytesOf(fields.get('Vsn')).subarray(0, 6).join(',')

/** Numbers below belong to relays of the Go peer, numbers from {@link SESSION_NUMBERS} on to the session. */
const RELAY_NUMBERS = 4096
const SESSION_NUMBERS = 0x6000_0000
/** More entries make Go allocate hundreds of megabytes. */
const MAX_ENTRIES = 100_000

/** Why an input is left out: it would crash Go, make somebody send beyond loopback, or has more than one right answer. */
export function unfit({ leaves, crashesGo }: Anatomy): string | undefined {
  if (crashesGo) return 'crashes Go'
  const accused = new Set<string>()
  // Go answers before it looks at claims: what rides on an answer to somebody else is not the same.
  const answersElsewhere = leaves.some(
    ({ type, fields }) => type === 1 || (type === 0 && bytesOf(fields.get('SourceAddr')).length > 0),
  )
  for (const { type, fields } of leaves) {
    for (const field of ['SourceAddr', 'Target', 'Addr'])
      if (!staysHere(bytesOf(fields.get(field)))) return 'leaves loopback'
    const number = numberOf(fields.get('SeqNo'))
    if ((type === 2 || type === 11) && number < RELAY_NUMBERS) return 'may be a relay’s'
    if (number >= SESSION_NUMBERS) return 'may be the session’s'
    if (type === 'header' && numberOf(fields.get('Nodes')) > MAX_ENTRIES) return 'too many entries'
    // Go handles claims of one packet in an order of its own.
    if (type === 3 || type === 4 || type === 5) {
      const name = textOf(fields.get('Node'))
      if (answersElsewhere) return 'a claim beside what is answered elsewhere'
      if (accused.has(name)) return 'two claims about one name'
      accused.add(name)
    }
  }
  return undefined
}

function staysHere(address: Uint8Array): boolean {
  if (address.length === 4) return address[0] === 127
  if (address.length !== 16) return true
  const digits = Buffer.from(address).toString('hex')
  return digits.startsWith('00000000000000000000ffff7f') || digits === '00000000000000000000000000000001'
}
