// What changed lately as marks for a chart of another page: deploys, restarts, changed configurations; of one server, or of all.
import {useMemo} from 'react';
import type {Marker} from '../chart/model';
import {markersOf, since} from './changes';
import {useChanges} from './useChanges';

export function useMarkers(from: number, server?: string): Marker[] {
  const changes = useChanges();
  return useMemo(() => markersOf(since(from, changes).filter(({who, subject}) => server === undefined || who === server || subject === server)), [changes, from, server]);
}
