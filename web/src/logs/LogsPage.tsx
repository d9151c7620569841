// All servers' lines in one list.
import {LogViewer} from './LogViewer';

export default function LogsPage() {
  return (
    <div className="list-page">
      <h1>Logs</h1>
      <LogViewer />
    </div>
  );
}
