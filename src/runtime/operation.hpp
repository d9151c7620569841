// Operation: something that can be asked for, declared once by the engine that owns it. From the
// declaration come the REST endpoint, its OpenAPI entry, the WebSocket command, the CLI subcommand,
// validation, authorisation, the record and the time limit (catalog/dispatcher.hpp runs it). Input
// and Output are structs described for base/describe.hpp.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/describe.hpp"
#include "runtime/rights.hpp"
#include "runtime/task.hpp"
#include "runtime/trace.hpp"

namespace telltale::runtime {

struct Actor {
  std::string id;  // "" for nobody
  std::string name = "anonymous";
  std::string role;        // viewer, operator, admin or one of the user's own making
  RightsPtr rights;        // what the role and the token allow; none is nothing
  std::string session;     // the session or the API token it came by
  std::int64_t epoch = 0;  // of the user's sessions when it came; a higher one ends it
  std::string via;         // rest, websocket, cli, internal
  std::string address;

  bool may(std::string_view permission) const;
  bool may(std::string_view permission, std::string_view server) const;
  bool may(std::string_view permission, std::string_view server, std::string_view tool) const;
  // A server that one may not see does not exist for one.
  bool sees(std::string_view server) const { return may("fleet:read", server); }
  bool sees_all() const { return rights && rights->everywhere("fleet:read"); }
};

// Bytes as an answer, beside the JSON: over REST only (net::Response::stream).
struct BytesAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::uint64_t size = 0;
  // The next piece, until `size` bytes have come; empty or an error before that is a failure.
  std::move_only_function<TaskResult<std::string>()> next = {};
};

// What a running operation may use besides its input. Lives as long as the operation runs; used on
// the loop it runs on.
class OperationContext {
 public:
  OperationContext() = default;
  OperationContext(const OperationContext&) = delete;
  OperationContext& operator=(const OperationContext&) = delete;
  virtual ~OperationContext() = default;
  virtual const std::string& id() const = 0;
  virtual const Actor& actor() const = 0;
  virtual const std::string& trace_id() const = 0;    // 32 hex digits (W3C trace context)
  virtual TracePlace trace() const { return {}; }     // of what is kept; a read has none
  virtual void set_subject(std::string subject) = 0;  // the server's name, …: shown and filtered by
  // Progress of this operation; `data` is added to the `tool_progress` event. Any thread.
  virtual void progress(double done, std::optional<double> total, std::string message,
                        base::JsonObject data) = 0;
  // The bytes that came with the call (spec.takes_bytes); null when it came with JSON.
  virtual std::shared_ptr<const std::string> bytes() const { return nullptr; }
  // What the caller gets instead of the result as JSON (spec.gives_bytes); false where only JSON
  // can be given.
  virtual bool answer_bytes(BytesAnswer /*answer*/) { return false; }
  // Asks the person behind the operation (an `input_request` event) and waits for the answer
  // `{action: accept|decline|cancel, content?}`; `unavailable` when nobody answers in time.
  virtual TaskResult<base::JsonObject> ask(base::JsonObject request) = 0;
};
using ContextPtr = std::shared_ptr<OperationContext>;

struct Route {
  std::string method;  // GET, POST, …
  std::string path;    // /api/servers/{id}/tools/{tool}/call: the names are members of the input
  int success_status = 200;
};

// How an operation is kept: a read not at all; a call by the batched writer (at most a second is
// lost by a crash); a change is on disk before its answer goes out.
enum class Keep { nothing, batched, durable };

struct OperationSpec {
  std::string name;         // "fleet.restart"
  std::string help;         // one line
  std::string permission;   // "fleet:operate"; "public" for before a login, "session" for any user
  std::string server = {};  // the input's member that names the server it is about, where it is
  std::string tool = {};    // about one: the permission must hold on that server, and on that tool
  bool changes = false;     // recorded (durably, unless `keep` says less) and shown; a read is not
  std::chrono::milliseconds time_limit{30'000};
  std::vector<Route> routes;
  std::string group;              // OpenAPI tag
  bool secret_result = false;     // the caller sees it, its record does not
  bool takes_bytes = false;       // a body of application/octet-stream; the rest is in the query
  bool gives_bytes = false;       // answers bytes; a Range header becomes the member `range`
  std::optional<Keep> keep = {};  // default: durable for a change, nothing for a read
  // Of a read: its answer to the same caller is the same while this number is. Any loop.
  std::function<std::uint64_t()> version = {};
  Keep kept() const { return keep.value_or(changes ? Keep::durable : Keep::nothing); }
};

class Operation {
 public:
  using Run = std::function<TaskResult<base::Json>(ContextPtr, base::Json)>;

  OperationSpec spec;
  base::JsonObject input_schema;
  base::JsonObject output_schema;
  // Validates without running: the error names each bad field.
  std::function<base::Result<void>(const base::Json&)> validate;
  Run run;
};

// Empty input or output.
struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

// `body` is any callable (ContextPtr, Input) -> TaskResult<Output>. Output may be base::Json or
// base::JsonObject.
template <class Input, class Output, class Body>
Operation declare(OperationSpec spec, Body body) {
  Operation out{.spec = std::move(spec),
                .input_schema = base::json_schema<Input>(),
                .output_schema = base::json_schema<Output>()};
  out.validate = [](const base::Json& input) -> base::Result<void> {
    if (auto parsed = base::from_json<Input>(input); !parsed)
      return std::unexpected(parsed.error());
    return {};
  };
  auto shared = std::make_shared<Body>(std::move(body));
  out.run = [shared](ContextPtr context, base::Json input) -> TaskResult<base::Json> {
    return
        [](std::shared_ptr<Body> call, ContextPtr ctx, base::Json raw) -> TaskResult<base::Json> {
          auto parsed = base::from_json<Input>(raw);
          if (!parsed) co_return std::unexpected(parsed.error());
          auto result = co_await (*call)(std::move(ctx), std::move(*parsed));
          if (!result) co_return std::unexpected(std::move(result.error()));
          co_return base::to_json(*result);
        }(shared, std::move(context), std::move(input));
  };
  return out;
}

// Engines hand their operations to this; the catalog implements it.
class OperationRegistry {
 public:
  OperationRegistry() = default;
  OperationRegistry(const OperationRegistry&) = delete;
  OperationRegistry& operator=(const OperationRegistry&) = delete;
  virtual ~OperationRegistry() = default;
  virtual void add(Operation operation) = 0;
};

}  // namespace telltale::runtime
