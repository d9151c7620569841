// HTTP: requests and answers are read alike however they are cut; what is read goes through the
// router, the cookies and the query as the face does it.
#include "api/arguments.hpp"
#include "api/router.hpp"
#include "fuzz.hpp"
#include "net/http_parser.hpp"
#include "net/http_text.hpp"

using namespace telltale;

namespace {

const api::Router<int>& router() {
  static const auto kRouter = [] {
    api::Router<int> out;
    int number = 0;
    for (const auto* const path :
         {"/api/servers", "/api/servers/{id}", "/api/servers/{id}/tools/{tool}/call",
          "/api/servers/{id}/restart", "/api/{any}/stats", "/"})
      for (const auto* const method : {"GET", "POST"}) out.add(method, path, ++number);
    return out;
  }();
  return kRouter;
}

struct Read {
  bool done = false;
  bool refused = false;
  net::Request request;
};

Read read_request(std::string_view text, bool cut) {
  net::RequestParser parser(8192, 65536);
  std::string buffer;
  const auto feed = [&](std::string_view piece) {
    buffer.append(piece);
    parser.feed(buffer);
    return !parser.refusal() && !parser.done();
  };
  if (cut)
    fuzz::in_pieces(text, feed);
  else
    feed(text);
  Read out{.done = parser.done(), .refused = parser.refusal().has_value()};
  if (out.done && !out.refused) out.request = parser.take();
  return out;
}

void route(const net::Request& request) {
  fuzz::require(request.body.size() <= 65536, "a body is bounded");
  const auto match = router().find(request.method, request.path);
  if (match.target != nullptr) {
    for (const auto& [name, value] : match.parameters)
      fuzz::require(!name.empty() && !value.empty(), "a parameter has a name and a value");
    (void)api::arguments_of(request, match.parameters, {});
  }
  (void)request.cookie("telltale_session");
  (void)request.query_value("token");
  (void)request.headers.has_token("connection", "upgrade");
  std::string head;
  for (const auto& [name, value] : request.headers) net::append_header(head, name, value);
  std::size_t lines = 0;
  for (const char c : head) lines += c == '\n' ? 1 : 0;
  fuzz::require(lines == request.headers.size(), "no header writes another");
}

void read_answer(std::string_view text) {
  net::ResponseParser parser(8192, false);
  std::string buffer;
  fuzz::in_pieces(text, [&](std::string_view piece) {
    buffer.append(piece);
    parser.feed(buffer);
    (void)parser.take_body();
    return !parser.error() && !parser.done();
  });
  if (!parser.error()) parser.feed_end();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto whole = read_request(text, false);
  const auto cut = read_request(text, true);
  // A limit may be met earlier or later by the pieces; what both take is the same.
  if (whole.done && cut.done && !whole.refused && !cut.refused) {
    fuzz::require(whole.request.method == cut.request.method, "the same method");
    fuzz::require(whole.request.target == cut.request.target, "the same target");
    fuzz::require(whole.request.body == cut.request.body, "the same body");
    fuzz::require(whole.request.headers.size() == cut.request.headers.size(), "as many headers");
    route(whole.request);
  }
  net::Request target{.target = std::string(text.substr(0, 4096))};
  if (net::split_target(target)) route(target);
  read_answer(text);
  return 0;
}
