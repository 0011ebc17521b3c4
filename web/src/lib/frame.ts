/** Cuts the text of a packet into parts for reading; it decides nothing about right or wrong. */

export interface FramePart {
  kind: 'mark' | 'key' | 'value' | 'sep'
  text: string
}

export function frameParts(text: string): FramePart[] {
  const parts: FramePart[] = []
  const push = (kind: FramePart['kind'], piece: string): void => {
    if (piece !== '') parts.push({ kind, text: piece })
  }
  const head = /^##\d{0,4}/.exec(text)?.[0] ?? ''
  const rest = text.slice(head.length)
  const tail = /[0-9A-Fa-f]{4}\s*$/.exec(rest)?.[0] ?? ''
  push('mark', head)
  for (const piece of rest.slice(0, rest.length - tail.length).split(/([;,]|&&)/)) {
    if (piece === ';' || piece === ',' || piece === '&&') {
      push('sep', piece)
      continue
    }
    // `CP=&&…` was split at its marks; `key=value` otherwise.
    const at = piece.indexOf('=')
    if (at < 0) push('sep', piece)
    else {
      push('key', piece.slice(0, at + 1))
      push('value', piece.slice(at + 1))
    }
  }
  push('mark', tail)
  return parts
}
