// JSON-RPC 2.0 as MCP uses it, without I/O: text in, typed messages and findings out; and the
// messages we send. Whatever a server writes ends here as a message or as a finding, never as a
// crash. Batches (arrays) are of 2025-03-26 and tolerated.
#pragma once

#include <optional>
#include <variant>

#include "mcp/client.hpp"

namespace telltale::mcp {

struct RpcRequest {  // of the server to us
  base::Json id;
  std::string method;
  base::JsonObject params;
};
struct RpcNotification {
  std::string method;
  base::JsonObject params;
};
struct RpcResponse {
  std::optional<std::int64_t> id;  // ours are integers; any other is unknown
  std::string shown_id;            // as it came
  base::Result<base::JsonObject> outcome;
};
using RpcMessage = std::variant<RpcRequest, RpcNotification, RpcResponse>;

struct RpcInput {
  std::vector<RpcMessage> messages;
  std::vector<Finding> findings;
};

inline constexpr std::size_t kMessageLimit = 32U << 20U;
inline constexpr std::size_t kMessageDepth = 128;
inline constexpr std::size_t kBatchLimit = 1'000;

// `rule` names the finding for text that is no JSON: "stdio.not-json", "http.not-json",
// "sse.not-json".
RpcInput read_messages(std::string_view text, std::string_view rule);

base::JsonObject request_message(std::int64_t id, std::string_view method, base::JsonObject params);
base::JsonObject notification_message(std::string_view method, base::JsonObject params);
base::JsonObject result_message(const base::Json& id, base::JsonObject result);
base::JsonObject error_message(const base::Json& id, std::int64_t code, std::string_view message);

// The `error` member of a response as our Error; `data.rpc` keeps it whole.
base::Error error_of(const base::JsonObject& rpc_error);
// Its code, or 0 when the error did not come from the other side's JSON-RPC.
std::int64_t rpc_code(const base::Error& error);
// error.data of the JSON-RPC error.
const base::JsonObject* rpc_data(const base::Error& error);

}  // namespace telltale::mcp
