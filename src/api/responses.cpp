#include <fmt/format.h>

#include "api/face.hpp"

namespace telltale::api {

net::Response json_response(int status, const base::Json& body) {
  net::Response out{.status = status};
  out.headers.set("content-type", "application/json");
  out.headers.set("cache-control", "no-store");
  if (status != 204) out.body = base::write_json(body);
  return out;
}

net::Response json_response(int status, std::shared_ptr<const std::string> body) {
  net::Response out{.status = status};
  out.headers.set("content-type", "application/json");
  out.headers.set("cache-control", "no-store");
  out.shared_body = std::move(body);
  return out;
}

net::Response bytes_response(runtime::BytesAnswer answer) {
  net::Response out{.status = answer.status};
  for (auto& [name, value] : answer.headers) out.headers.set(std::move(name), std::move(value));
  if (answer.size > 0) out.stream = std::move(answer.next);
  out.stream_size = answer.size;
  return out;
}

net::Response problem_response(const base::Error& error, std::string_view instance) {
  auto out = json_response(base::http_status(error.code),
                           base::Json(base::problem_document(error, instance)));
  out.headers.set("content-type", "application/problem+json");
  if (error.retry_after)
    out.headers.set("retry-after", std::to_string((error.retry_after->count() + 999) / 1000));
  if (error.code == base::Code::unauthenticated)
    out.headers.set("www-authenticate", "Bearer realm=\"telltale\"");
  return out;
}

}  // namespace telltale::api
