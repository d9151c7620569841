// From an operation to its trace, for those who may see it.
import type {ReactNode} from 'react';
import {Link} from 'wouter';
import {may} from '../api/client';
import {addressOf} from './picks';

export const TraceLink = ({operation, children}: {operation: string; children: ReactNode}) => (operation && may('operations:read') ? <Link href={addressOf(operation)}>{children}</Link> : null);
