// WHEP and WHIP without a server: what is asked becomes which call, what comes back which answer.
#include "api/whep.hpp"

#include <gtest/gtest.h>

namespace telltale::api {
namespace {

net::Request request(std::string method, std::string path, std::string type = {},
                     std::string body = {}) {
  net::Request out;
  out.method = std::move(method);
  out.path = std::move(path);
  if (!type.empty()) out.headers.set("content-type", std::move(type));
  out.body = std::move(body);
  return out;
}

TEST(Whep, PathsOfEndpointsAndSessions) {
  struct Case {
    const char* path;
    const char* source;  // null: none of ours
    const char* session = "";
    bool publishes = false;
  };
  for (const auto& one :
       {Case{"/whep/test", "test"}, Case{"/whip/my%20cam", "my cam", "", true},
        Case{"/whep/bafy/rtc_1", "bafy", "rtc_1"}, Case{"/whep/file%3Aa%2Fb.mp4", "file:a/b.mp4"},
        Case{"/whep", nullptr}, Case{"/whep/", nullptr}, Case{"/whep/%zz", nullptr},
        Case{"/whep/a/b/c", nullptr}, Case{"/whepper/a", nullptr}, Case{"/api/whep/a", nullptr}}) {
    const auto target = whep_target(request("POST", one.path));
    ASSERT_EQ(target.has_value(), one.source != nullptr) << one.path;
    if (!target) continue;
    EXPECT_EQ(target->source, one.source);
    EXPECT_EQ(target->session, one.session);
    EXPECT_EQ(target->publishes, one.publishes);
  }
}

TEST(Whep, WhatIsRefusedBeforeAnythingIsCalled) {
  struct Case {
    net::Request request;
    int status;  // 0: it is not
    const char* header = "";
    const char* value = "";
  };
  const std::string endpoint = "/whep/test";
  const std::string session = "/whep/test/rtc_1";
  for (auto& one : std::vector<Case>{
           {request("POST", endpoint, "application/sdp", "v=0"), 0},
           {request("POST", endpoint, "Application/SDP ;charset=utf-8", "v=0"), 0},
           {request("PATCH", session, "application/trickle-ice-sdpfrag", "a="), 0},
           {request("DELETE", session), 0},
           {request("GET", endpoint), 405, "allow", "OPTIONS, POST"},
           {request("PATCH", endpoint, "application/trickle-ice-sdpfrag", "a="), 405},
           {request("POST", session, "application/sdp", "v=0"), 405, "allow",
            "OPTIONS, PATCH, DELETE"},
           {request("POST", endpoint, "text/plain", "v=0"), 415, "accept-post", "application/sdp"},
           {request("POST", endpoint), 415},
           {request("PATCH", session, "application/sdp", "v=0"), 415, "accept-patch",
            "application/trickle-ice-sdpfrag"},
           {request("POST", endpoint, "application/sdp"), 422},
           {request("POST", endpoint, "application/sdp", std::string(65'536, 'a')), 0},
           {request("POST", endpoint, "application/sdp", std::string(65'537, 'a')), 413}}) {
    const auto refusal = whep_refusal(*whep_target(one.request), one.request);
    EXPECT_EQ(refusal ? refusal->status : 0, one.status) << one.request.method;
    if (refusal && *one.header != '\0')
      EXPECT_EQ(refusal->headers.get_or(one.header, ""), one.value);
  }
}

TEST(Whep, CallsByMethod) {
  auto post = request("POST", "/whep/test", "application/sdp", "v=0");
  post.query = {{"quality", "low"}, {"own", "true"}, {"other", "x"}};
  auto call = whep_call(*whep_target(post), post);
  EXPECT_EQ(call.operation, "webrtc.watch");
  EXPECT_EQ(
      call.arguments,
      (base::JsonObject{{"source", "test"}, {"sdp", "v=0"}, {"quality", "low"}, {"own", true}}));
  post.path = "/whip/cam";
  call = whep_call(*whep_target(post), post);
  EXPECT_EQ(call.operation, "webrtc.publish");
  EXPECT_EQ(call.arguments, (base::JsonObject{{"source", "cam"}, {"sdp", "v=0"}}));
  for (const auto& [header, tag] : std::vector<std::pair<std::string, std::string>>{
           {"\"abc\"", "abc"}, {"*", "*"}, {" \"abc\" ", "abc"}, {"W/\"abc\"", "W/\"abc\""}}) {
    auto patch = request("PATCH", "/whep/test/rtc_1", "application/trickle-ice-sdpfrag", "a=");
    patch.headers.set("if-match", header);
    call = whep_call(*whep_target(patch), patch);
    EXPECT_EQ(call.operation, "webrtc.patch");
    EXPECT_EQ(base::string_or(call.arguments, "if_match"), tag);
  }
  const auto bare = request("PATCH", "/whep/test/rtc_1", "application/trickle-ice-sdpfrag", "a=");
  EXPECT_FALSE(whep_call(*whep_target(bare), bare).arguments.contains("if_match"));
  const auto gone = request("DELETE", "/whep/test/rtc_1");
  EXPECT_EQ(whep_call(*whep_target(gone), gone).operation, "webrtc.leave");
}

TEST(Whep, AnswersByOutcome) {
  const auto post = request("POST", "/whep/a%20b", "application/sdp", "v=0");
  const auto answer = whep_answer(
      *whep_target(post), post,
      {{"connection_id", "rtc_1"},
       {"sdp", "v=0\r\n"},
       {"etag", "xy"},
       {"ice_servers",
        base::JsonArray{base::JsonObject{{"urls", base::JsonArray{base::Json("stun:s")}}},
                        base::JsonObject{{"urls", base::JsonArray{base::Json("turn:t")}},
                                         {"username", "u"},
                                         {"credential", "c"}}}}});
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.headers.get_or("location", ""), "/whep/a%20b/rtc_1");
  EXPECT_EQ(answer.headers.get_or("etag", ""), "\"xy\"");
  EXPECT_EQ(answer.body, "v=0\r\n");
  std::vector<std::string> links;
  for (const auto& [name, value] : answer.headers)
    if (name == "link") links.push_back(value);
  EXPECT_EQ(links, (std::vector<std::string>{
                       "<stun:s>; rel=\"ice-server\"",
                       "<turn:t>; rel=\"ice-server\"; username=\"u\"; credential=\"c\"; "
                       "credential-type=\"password\""}));
  const auto patch = request("PATCH", "/whep/a/rtc_1", "application/trickle-ice-sdpfrag", "a=");
  const auto status = [&](const char* outcome) {
    return whep_answer(*whep_target(patch), patch,
                       {{"outcome", outcome}, {"fragment", "f"}, {"etag", "t"}})
        .status;
  };
  EXPECT_EQ(status("trickled"), 204);
  EXPECT_EQ(status("restarted"), 200);
  EXPECT_EQ(status("etag_missing"), 428);
  EXPECT_EQ(status("etag_mismatch"), 412);
}

TEST(Whep, ErrorsByTheirMeaning) {
  const auto post = request("POST", "/whep/a", "application/sdp", "v=0");
  const auto error = [&](base::Code code) {
    return whep_error({.code = code, .detail = "x"}, post);
  };
  EXPECT_EQ(error(base::Code::invalid_argument).status, 422);
  EXPECT_EQ(error(base::Code::unsupported).status, 406);
  EXPECT_EQ(error(base::Code::not_found).status, 404);
  EXPECT_EQ(error(base::Code::conflict).status, 409);
  EXPECT_EQ(error(base::Code::rate_limited).status, 429);
  EXPECT_EQ(error(base::Code::unavailable).status, 503);
  EXPECT_EQ(error(base::Code::unavailable).headers.get_or("retry-after", ""), "5");
  const auto told = whep_error(
      {.code = base::Code::unavailable, .detail = "x", .retry_after = std::chrono::seconds(9)},
      post);
  EXPECT_EQ(told.headers.get_or("retry-after", ""), "9");
}

}  // namespace
}  // namespace telltale::api
