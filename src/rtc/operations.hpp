// What can be asked of the WebRTC engine: webrtc.*, under the paths of both programs before us
// (/api/v0/webrtc, /api/v0/mcp/webrtc, /api/v0/mcp/monitor/webrtc), under /api/webrtc, and, without
// paths of their own, what WHEP and WHIP (api/whep.hpp) are made of.
#pragma once

#include <functional>

#include "rtc/engine.hpp"
#include "rtc/ice_servers.hpp"
#include "runtime/operation.hpp"
#include "store/store.hpp"

namespace telltale::rtc {

// What the operations need; all of it outlives the catalog.
struct Control {
  Engine& engine;
  const IceServers& ice_servers;
  runtime::Runtime& runtime;
  store::Store& store;
  // Operations that run now or ended just now (catalog::Dispatcher::running).
  std::function<std::vector<base::JsonObject>()> running;
  std::function<base::JsonObject()> process;  // figures of this process
  // Adds to a connection of the v0 interface what only a monitor knows.
  std::function<void(const ConnectionRecord&, base::JsonObject&)> complete = {};
  // Connections of other applications that are only watched (monitor/lens.hpp), with `true` also
  // those that ended.
  std::function<std::vector<ConnectionPtr>(bool)> foreign = {};
  bool logging = false;  // --log-dir
  bool debug = false;
  base::WallTime started = {};  // of this process
  // Somebody looks at what is streamed and may stream next: what that takes is made ready.
  std::function<void()> expect = [] {};
};

void declare_operations(runtime::OperationRegistry& registry, Control& control);
void declare_read_operations(runtime::OperationRegistry& registry, Control& control);
void declare_signalling_operations(runtime::OperationRegistry& registry, Control& control);
// webrtc.async_close: a connection is closed by a task of its own, and both are shown.
void declare_test_operations(runtime::OperationRegistry& registry, Control& control);

// --- What the three files share ---

base::Error no_connection(const std::string& id);
// The connection, for whoever it belongs to and for those with webrtc:control; not_found otherwise.
base::Result<ConnectionPtr> own_connection(const Control& control, const runtime::Actor& actor,
                                           const std::string& id);
// Where a playing is and what can be done to it.
base::JsonObject playing_json(const Source& source);
// "low", 80, "80": bad_field("/quality") for the rest.
base::Result<Quality> quality_of_input(const base::Json& input);

template <class Input>
void add_operation(runtime::OperationRegistry& registry, Control& control,
                   runtime::OperationSpec spec,
                   runtime::TaskResult<base::JsonObject> (*body)(Control*, runtime::ContextPtr,
                                                                 Input)) {
  spec.group = "WebRTC";
  registry.add(runtime::declare<Input, base::JsonObject>(
      std::move(spec), [control = &control, body](runtime::ContextPtr context, Input input) {
        return body(control, std::move(context), std::move(input));
      }));
}

}  // namespace telltale::rtc
