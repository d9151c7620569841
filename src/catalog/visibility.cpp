#include "catalog/visibility.hpp"

#include "base/json.hpp"

namespace telltale::catalog {
namespace {

std::string_view text_at(const base::JsonObject& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                : std::string_view();
}

}  // namespace

std::string_view server_of_task(std::string_view owner) {
  constexpr std::string_view kServer = "server ";
  return owner.starts_with(kServer) ? owner.substr(kServer.size()) : std::string_view();
}

std::string_view server_of(const runtime::Event& event) {
  if (const auto name = text_at(event.data, "mcp_name"); !name.empty()) return name;
  if (event.type == "task") return server_of_task(text_at(event.data, "owner"));
  return text_at(event.data, event.type == "operation" ? "subject" : "server");
}

bool sees(const runtime::Actor& actor, const runtime::Event& event) {
  // It tells what others did, on every server.
  if (event.channel == "audit") return actor.may("audit:read");
  if (event.channel == "tests") return actor.may("tests:read");
  if (event.type == "metrics" && !actor.may("metrics:read")) return false;
  if (event.channel == "webrtc" && !actor.may("webrtc:read")) return false;
  if (event.channel == "alerts" && !actor.may("alerts:read")) return false;
  if (actor.sees_all()) return true;
  const auto server = server_of(event);
  if (!server.empty()) return actor.sees(server);
  // What is about the fleet as a whole is not for who sees a part of it.
  if (event.channel == "alerts") return false;
  return event.type != "operation" || text_at(event.data, "actor") == actor.name ||
         !text_at(event.data, "operation").starts_with("fleet.");
}

bool sees(const runtime::Actor& actor, const Catalog& catalog, const base::JsonObject& operation) {
  if (text_at(operation, "actor") == actor.name) return true;
  const auto* declared = catalog.find(text_at(operation, "operation"));
  if (declared == nullptr) return actor.sees_all();
  // It leaves no record: what was asked is between the asker and the audit.
  if (declared->spec.changes && declared->spec.kept() == runtime::Keep::nothing) return false;
  if (!declared->spec.server.empty()) return actor.sees(text_at(operation, "subject"));
  if (declared->spec.name.starts_with("fleet.")) {
    const auto server = text_at(operation, "subject");
    return server.empty() ? actor.sees_all() : actor.sees(server);
  }
  return declared->spec.permission == "session" ? actor.may("users:manage")
                                                : actor.may(declared->spec.permission);
}

}  // namespace telltale::catalog
