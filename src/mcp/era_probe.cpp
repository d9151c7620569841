#include "mcp/era_probe.hpp"

#include <algorithm>

#include "mcp/jsonrpc.hpp"
#include "mcp/protocol.hpp"

namespace telltale::mcp {
namespace {

using Kind = ProbeVerdict::Kind;

bool names(const base::JsonArray& versions, std::string_view version) {
  return std::ranges::any_of(versions, [&](const base::Json& one) {
    return one.is_string() && one.get_string() == version;
  });
}

// The newest handshake version in the list, or "".
std::string legacy_in(const base::JsonArray& versions) {
  for (const auto version : kLegacyVersions)
    if (names(versions, version)) return std::string(version);
  return {};
}

ProbeVerdict judge_versions(const base::JsonArray& versions, Kind when_modern) {
  if (names(versions, kModernVersion))
    return {.kind = when_modern, .version = std::string(kModernVersion)};
  if (auto legacy = legacy_in(versions); !legacy.empty())
    return {.kind = Kind::legacy, .version = std::move(legacy)};
  return {.kind = Kind::incompatible,
          .why = "the server speaks " + base::write_json(base::Json(versions)).substr(0, 120) +
                 ", none of which we know"};
}

}  // namespace

ProbeVerdict judge_probe(const base::Result<base::JsonObject>& answer) {
  if (answer) {
    // Some legacy servers answer anything with an empty result: a DiscoverResult names versions.
    const auto* versions = base::find_array(*answer, "supportedVersions");
    if (versions == nullptr || versions->empty())
      return {.kind = Kind::legacy, .version = std::string(kNewestLegacy)};
    return judge_versions(*versions, Kind::modern);
  }
  const auto& error = answer.error();
  switch (rpc_code(error)) {
    case rpc::kUnsupportedVersion: {
      const auto* data = rpc_data(error);
      const auto* supported = data == nullptr ? nullptr : base::find_array(*data, "supported");
      if (supported == nullptr) return {.kind = Kind::incompatible, .why = error.detail};
      return judge_versions(*supported, Kind::retry);
    }
    case rpc::kHeaderMismatch:
    case rpc::kMissingCapability:
      return {.kind = Kind::incompatible, .why = error.detail};
    default:
      break;
  }
  const auto status = base::find_integer(error.data, "http_status");
  const bool not_ours = status && (*status == 401 || *status == 403 || *status == 429);
  const bool nobody = !status && rpc_code(error) == 0 && error.code == base::Code::unavailable;
  if (not_ours || nobody) return {.kind = Kind::unreachable, .why = error.detail};
  return {.kind = Kind::legacy, .version = std::string(kNewestLegacy)};
}

std::string next_legacy_version(const base::Error& refused, std::string_view tried) {
  const auto* data = rpc_data(refused);
  const auto* supported = data == nullptr ? nullptr : base::find_array(*data, "supported");
  if (supported == nullptr) return {};
  auto best = legacy_in(*supported);
  return best == tried ? std::string() : best;
}

bool may_be_sse(const base::Error& refused) {
  const auto status = base::find_integer(refused.data, "http_status").value_or(0);
  const auto code = rpc_code(refused);
  const bool modern = code <= rpc::kHeaderMismatch && code >= rpc::kUnsupportedVersion;
  return !modern && (status == 400 || status == 404 || status == 405);
}

}  // namespace telltale::mcp
