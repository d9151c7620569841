// All servers' lines in one list.
import {t} from '../messages/en/logs';
import {LogViewer} from './LogViewer';

export default function LogsPage() {
  return (
    <div className="list-page">
      <h1>{t.logs}</h1>
      <LogViewer />
    </div>
  );
}
