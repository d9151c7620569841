#include "simulate/stage.hpp"

#include <cmath>

namespace telltale::simulate {

runtime::TaskResult<net::ClientResponse> Stage::ask(Stage* self, Request request) {
  net::ClientRequest out{.method = request.method,
                         .url = self->plan.url + request.path,
                         .body = std::move(request.body)};
  out.headers.set("authorization", "Bearer " + self->token);
  if (!out.body.empty()) out.headers.set("content-type", request.type);
  auto answer = co_await self->http.request(std::move(out));
  if (!answer || answer->status < 300) co_return answer;
  const auto problem = base::parse_json(answer->body);
  const auto detail = problem && problem->is_object()
                          ? base::string_or(problem->get_object(), "detail")
                          : std::string();
  co_return base::fail(
      base::code_from_http_status(answer->status),
      "HTTP " + std::to_string(answer->status) + (detail.empty() ? "" : ": " + detail));
}

runtime::Task<bool> Stage::pause(Stage* self, base::Duration how_long) {
  const auto until = self->loop.clock().now() + how_long;
  for (auto now = self->loop.clock().now(); now < until && !self->over();
       now = self->loop.clock().now())
    co_await runtime::sleep_for(
        std::min<base::Duration>({until - now, self->ends - now, std::chrono::milliseconds(500)}));
  co_return !self->over();
}

base::Duration drawn(base::Random& random, base::Duration mean) {
  if (mean <= base::Duration::zero()) return std::chrono::hours(24 * 365);
  const double factor = -std::log(1 - random.uniform());
  return base::Duration(
      static_cast<base::Duration::rep>(static_cast<double>(mean.count()) * factor));
}

}  // namespace telltale::simulate
