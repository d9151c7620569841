// What the server says of people, and what is said to it (docs/websocket.md).
export interface Person {id: string; user: string; page: string | null; elsewhere: boolean; since: string; idle: boolean; yours: boolean; follows_you?: boolean; you_follow?: boolean}
export interface Anchor {element?: string; chart?: string; x?: number; y?: number; time?: number; value?: number}
export interface Selection {element?: string; chart?: string; from?: number; to?: number}
export interface Cursor {anchor: Anchor | null; selection: Selection | null}
export interface Message {id: string; room: string; author: string; yours: boolean; text: string; time: string}
export interface Note {id: string; page: string; chart: string; time: string; end: string; text: string; author: string; yours: boolean}
