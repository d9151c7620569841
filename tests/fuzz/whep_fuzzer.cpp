// WHEP and WHIP from a request's bytes to the call they become, and an answer of ours back.
#include <algorithm>

#include "api/whep.hpp"
#include "fuzz.hpp"

using namespace telltale;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  // A line of method, path, media type and If-Match, then the body.
  net::Request request;
  const auto end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  const auto word = [&line] {
    const auto to = std::min(line.find(' '), line.size());
    const auto out = std::string(line.substr(0, to));
    line.remove_prefix(std::min(to + 1, line.size()));
    return out;
  };
  request.method = word();
  request.path = word();
  if (auto type = word(); !type.empty()) request.headers.set("content-type", std::move(type));
  if (!line.empty()) request.headers.set("if-match", std::string(line));
  request.body = std::string(text.substr(std::min(end + 1, text.size())));
  request.query = {{"quality", request.body.substr(0, 8)}};
  const auto target = api::whep_target(request);
  if (!target) return 0;
  fuzz::require(!target->source.empty(), "a source");
  fuzz::require(target->path.find_first_of("\r\n") == std::string::npos, "a path for a header");
  static_cast<void>(api::whep_options(*target));
  if (const auto refusal = api::whep_refusal(*target, request)) {
    fuzz::require(refusal->status >= 400 && refusal->status < 500, "the asker's fault");
    return 0;
  }
  const auto call = api::whep_call(*target, request);
  fuzz::require(call.operation.starts_with("webrtc."), "an operation of ours");
  const auto answer = api::whep_answer(
      *target, request,
      {{"connection_id", "rtc_1"}, {"sdp", request.body}, {"etag", "x"}, {"outcome", "restarted"}});
  for (const auto& [name, value] : answer.headers)
    fuzz::require(value.find_first_of("\r\n") == std::string::npos, "headers of one line");
  return 0;
}
