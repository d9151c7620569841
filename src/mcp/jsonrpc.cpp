#include "mcp/jsonrpc.hpp"

#include "base/encoding.hpp"
#include "mcp/protocol.hpp"

namespace telltale::mcp {
namespace {

constexpr std::size_t kShown = 160;

std::optional<std::int64_t> integer_of(const base::Json& value) {
  if (!value.is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto number = value.to_number<std::int64_t>(error);
  if (error) return std::nullopt;
  return number;
}

std::string shown(const base::Json* value) {
  return value == nullptr ? "missing" : base::write_json(*value).substr(0, kShown);
}

base::JsonObject take_params(base::JsonObject& message, RpcInput& out) {
  auto* params = message.if_contains("params");
  if (params == nullptr) return {};
  if (params->is_object()) return std::move(params->get_object());
  out.findings.push_back({"jsonrpc.params", "params that are no object: " + shown(params)});
  return {};
}

void read_response(base::JsonObject& message, RpcInput& out) {
  const auto* id = message.if_contains("id");
  RpcResponse response{
      .id = id == nullptr ? std::nullopt : integer_of(*id),
      .shown_id = shown(id),
      .outcome = base::fail(base::Code::protocol, "the answer has neither result nor error")};
  auto* result = message.if_contains("result");
  const auto* error = message.if_contains("error");
  if (error != nullptr && error->is_object()) {
    response.outcome = std::unexpected(error_of(error->get_object()));
  } else if (error != nullptr) {
    out.findings.push_back({"jsonrpc.error", "an error that is no object: " + shown(error)});
    response.outcome = base::fail(base::Code::protocol, "the answer is an error that is no object");
  } else if (result != nullptr && result->is_object()) {
    response.outcome = std::move(result->get_object());
  } else {
    out.findings.push_back(
        {"jsonrpc.no-result",
         "an answer without a result object or an error, id " + response.shown_id});
  }
  out.messages.emplace_back(std::move(response));
}

void read_one(base::Json value, RpcInput& out) {
  auto* message = value.if_object();
  if (message == nullptr) {
    out.findings.push_back({"jsonrpc.not-an-object", shown(&value)});
    return;
  }
  if (base::string_or(*message, "jsonrpc") != "2.0")
    out.findings.push_back({"jsonrpc.version", "a message without \"jsonrpc\": \"2.0\""});
  const auto* method = message->if_contains("method");
  if (method == nullptr) return read_response(*message, out);
  if (!method->is_string()) {
    out.findings.push_back({"jsonrpc.method", "a method that is no string: " + shown(method)});
    return;
  }
  std::string name(method->get_string());
  const auto* id = message->if_contains("id");
  if (id == nullptr) {
    out.messages.emplace_back(RpcNotification{std::move(name), take_params(*message, out)});
    return;
  }
  if (!id->is_string() && !id->is_number()) {
    out.findings.push_back(
        {"jsonrpc.request-id", "a request whose id is neither string nor number: " + shown(id)});
    return;
  }
  auto request_id = *id;
  out.messages.emplace_back(
      RpcRequest{std::move(request_id), std::move(name), take_params(*message, out)});
}

}  // namespace

RpcInput read_messages(std::string_view text, std::string_view rule) {
  RpcInput out;
  if (text.starts_with("\xef\xbb\xbf")) {
    text.remove_prefix(3);
    out.findings.push_back({"encoding.byte-order-mark", "a message begins with a byte order mark"});
  }
  auto parsed = base::parse_json(text, {.max_depth = kMessageDepth, .max_bytes = kMessageLimit});
  if (!parsed) {
    out.findings.push_back({std::string(rule), base::to_utf8(text.substr(0, kShown))});
    return out;
  }
  auto* batch = parsed->if_array();
  if (batch == nullptr) {
    read_one(std::move(*parsed), out);
    return out;
  }
  if (batch->empty() || batch->size() > kBatchLimit)
    out.findings.push_back(
        {"jsonrpc.batch", "a batch of " + std::to_string(batch->size()) + " messages"});
  if (batch->size() > kBatchLimit) return out;
  for (auto& item : *batch) read_one(std::move(item), out);
  return out;
}

base::JsonObject request_message(std::int64_t id, std::string_view method,
                                 base::JsonObject params) {
  base::JsonObject out{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}};
  if (!params.empty()) out["params"] = std::move(params);
  return out;
}

base::JsonObject notification_message(std::string_view method, base::JsonObject params) {
  base::JsonObject out{{"jsonrpc", "2.0"}, {"method", method}};
  if (!params.empty()) out["params"] = std::move(params);
  return out;
}

base::JsonObject result_message(const base::Json& id, base::JsonObject result) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}};
}

base::JsonObject error_message(const base::Json& id, std::int64_t code, std::string_view message) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}}}};
}

base::Error error_of(const base::JsonObject& rpc_error) {
  base::Error out{.code = base::Code::remote,
                  .detail = base::string_or(rpc_error, "message", "an error without a message")};
  const auto code = base::find_integer(rpc_error, "code").value_or(0);
  if (code == rpc::kMethodNotFound) out.code = base::Code::unsupported;
  if (code == rpc::kInvalidParams) out.code = base::Code::invalid_argument;
  out.data["rpc"] = rpc_error;
  return out;
}

std::int64_t rpc_code(const base::Error& error) {
  const auto* rpc = base::find_object(error.data, "rpc");
  return rpc == nullptr ? 0 : base::find_integer(*rpc, "code").value_or(0);
}

const base::JsonObject* rpc_data(const base::Error& error) {
  const auto* rpc = base::find_object(error.data, "rpc");
  return rpc == nullptr ? nullptr : base::find_object(*rpc, "data");
}

}  // namespace telltale::mcp
