// All servers' lines as they arrive.
import {useLive} from '../live/store';
import {LogViewer} from './LogViewer';

export default function LogsPage() {
  const store = useLive();
  return <div className="page fill"><h1>Logs</h1><LogViewer lines={store.logs} showServer /></div>;
}
