// Stage: what all actors of a simulation share: the plan, the tally, the server's API, the sockets'
// pool, and the moment when everybody goes home. One loop.
#pragma once

#include "net/http_client.hpp"
#include "rtc/peer/caller.hpp"
#include "simulate/tally.hpp"

namespace telltale::simulate {

struct Stage {
  Stage(runtime::Loop& on, Plan what)
      : plan(std::move(what)),
        loop(on),
        pool(on),
        http(on, {.header_timeout = std::chrono::seconds(30),
                  .idle_per_origin = 64,
                  .verify_peer = plan.verify_peer}),
        ends(on.clock().now() + plan.duration) {}

  struct Request {
    std::string method = "POST";
    std::string path;
    std::string type = "application/json";
    std::string body = {};
  };
  // An answer over 299 becomes an Error with the status and the server's own words.
  static runtime::TaskResult<net::ClientResponse> ask(Stage* self, Request request);
  bool over() const { return loop.clock().now() >= ends; }
  // Sleeps, at most until the end, which may come nearer meanwhile. False: it is over.
  static runtime::Task<bool> pause(Stage* self, base::Duration how_long);

  Plan plan;
  runtime::Loop& loop;
  rtc::CallerPool pool;
  net::HttpClient http;
  base::SteadyTime ends;
  std::string token;
  std::vector<ToolCall> calls;  // the plan's, or what was found
  Tally tally;
};

// An exponentially distributed time; zero mean: never.
base::Duration drawn(base::Random& random, base::Duration mean);

}  // namespace telltale::simulate
