// What /openapi.json says of WHEP and WHIP: they are paths beside the catalog's.
#include "api/whep.hpp"

namespace telltale::api {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

JsonObject described(std::string_view description) {
  return {{"description", description}};
}

JsonObject text_of(std::string_view media_type) {
  JsonObject content;
  content[media_type] = JsonObject{{"schema", {{"type", "string"}}}};
  return content;
}

JsonObject parameter(std::string_view name, std::string_view in, std::string_view help) {
  return {{"name", name},
          {"in", in},
          {"required", in == "path"},
          {"description", help},
          {"schema", {{"type", "string"}}}};
}

JsonObject entry(std::string_view id, std::string_view help, std::string_view permission,
                 JsonArray parameters, JsonObject responses) {
  responses["default"] = {
      {"description", "A problem document (RFC 9457)"},
      {"content",
       {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
  return {{"operationId", id},
          {"summary", help},
          {"tags", JsonArray{Json("WebRTC")}},
          {"x-permission", permission},
          {"parameters", std::move(parameters)},
          {"responses", std::move(responses)}};
}

JsonObject headers(std::initializer_list<std::pair<std::string_view, std::string_view>> all) {
  JsonObject out;
  for (const auto& [name, help] : all)
    out[name] = JsonObject{{"description", help}, {"schema", {{"type", "string"}}}};
  return out;
}

JsonObject post_entry(bool publishes) {
  JsonArray parameters{
      parameter("source", "path", publishes ? "the live name" : "a CID, a live name, or test")};
  if (!publishes) {
    parameters.push_back(parameter("quality", "query", "low, medium, high, auto or 0-100"));
    parameters.push_back(
        parameter("own", "query", "true: a playing of one's own, with its own position"));
  }
  JsonObject made{{"description", "The answer; all candidates are in it"},
                  {"headers", headers({{"Location", "of the session"},
                                       {"ETag", "of its ICE session"},
                                       {"Accept-Patch", "application/trickle-ice-sdpfrag"},
                                       {"Link", "ICE servers, rel=\"ice-server\""}})},
                  {"content", text_of("application/sdp")}};
  auto out = entry(publishes ? "whip" : "whep",
                   publishes ? "Answers the offer of a publisher (WHIP, RFC 9725)"
                             : "Answers the offer of a viewer (WHEP)",
                   publishes ? "webrtc:publish" : "webrtc:read", std::move(parameters),
                   {{"201", std::move(made)},
                    {"406", described("No codec in common")},
                    {"415", described("Not application/sdp")},
                    {"422", described("The SDP, or a parameter, cannot be used")},
                    {"503", described("Too many connections; Retry-After says when to come "
                                      "again")}});
  out["requestBody"] = {{"required", true}, {"content", text_of("application/sdp")}};
  return out;
}

// The server is ICE-lite: it never sends a check, so it has no use for a peer's candidates.
JsonObject patch_entry(const std::string& name) {
  JsonObject restarted{{"description",
                        "With If-Match `*` and new credentials: an ICE restart; the server's new "
                        "credentials and candidates"},
                       {"headers", headers({{"ETag", "of the new ICE session"}})},
                       {"content", text_of("application/trickle-ice-sdpfrag")}};
  auto out = entry(
      name + ".patch",
      "Trickle ICE (RFC 8840), or an ICE restart. The server is ICE-lite: it answers checks and "
      "sends none, finds its peer by them, and passes the candidates of a fragment over",
      "session",
      JsonArray{parameter("source", "path", "as in the endpoint"),
                parameter("session", "path", "of the Location"),
                parameter("If-Match", "header", "the ETag, or * for a restart")},
      {{"200", std::move(restarted)},
       {"204", described("Taken; the candidates are passed over")},
       {"412", described("If-Match names another ICE session")},
       {"415", described("Not application/trickle-ice-sdpfrag")},
       {"422", described("No such fragment, or a restart without credentials")},
       {"428", described("If-Match is missing")}});
  out["requestBody"] = {{"required", true},
                        {"content", text_of("application/trickle-ice-sdpfrag")}};
  return out;
}

}  // namespace

base::JsonObject whep_paths() {
  JsonObject out;
  for (const bool publishes : {false, true}) {
    const std::string name = publishes ? "whip" : "whep";
    out["/" + name + "/{source}"] = JsonObject{{"post", post_entry(publishes)}};
    out["/" + name + "/{source}/{session}"] =
        JsonObject{{"patch", patch_entry(name)},
                   {"delete", entry(name + ".leave", "Ends the session", "session",
                                    JsonArray{parameter("source", "path", "as in the endpoint"),
                                              parameter("session", "path", "of the Location")},
                                    {{"200", described("It is ended")},
                                     {"404", described("There is no such session")}})}};
  }
  return out;
}

}  // namespace telltale::api
