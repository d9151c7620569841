// What Telltale found configured on its machine, as GET /api/fleet/discover tells it. Pure.
export interface FoundServer {name: string; own_name: string; transport: string; target: string; variables: string[]; headers: string[]; disabled: boolean; known: boolean; error: string | null}
export interface FoundFile {source: string; program: string; path: string; error: string | null; servers: FoundServer[]}
export interface Taken {added: string[]; failed: {name: string; error: string}[]}

export const canTake = ({known, error}: FoundServer) => !known && error === null;
// What is taken unless one says otherwise: what its own program would start, too.
export const usual = ({servers}: FoundFile): string[] => servers.filter((one) => canTake(one) && !one.disabled).map(({name}) => name);
// Files in which there is something to take come first, in the order they were found.
export const inOrder = (files: FoundFile[]): FoundFile[] => [...files.filter(({servers}) => servers.some(canTake)), ...files.filter(({servers}) => !servers.some(canTake))];
