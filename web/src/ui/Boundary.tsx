// A page that fails to draw says so in its own place; the rest of the dashboard goes on. `at` is where one is: going elsewhere clears it.
import {Component, type ReactNode} from 'react';
import {t} from '../messages/en/ui';

export class Boundary extends Component<{at: string; children: ReactNode}, {failure: Error | null; at: string}> {
  state = {failure: null as Error | null, at: this.props.at};
  static getDerivedStateFromError(failure: Error) {
    return {failure};
  }
  static getDerivedStateFromProps(props: {at: string}, state: {at: string}) {
    return props.at === state.at ? null : {failure: null, at: props.at};
  }
  render() {
    if (!this.state.failure) return this.props.children;
    return (
      <div className="page" role="alert">
        <h1>{t.notDrawn}</h1>
        <p className="fault">{this.state.failure.message}</p>
        <button type="button" className="button" onClick={() => this.setState({failure: null})}>{t.tryAgain}</button>
      </div>
    );
  }
}
