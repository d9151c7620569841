#include "cli/content_transfer.hpp"

#include "base/encoding.hpp"
#include "cli/api_client.hpp"
#include "cli/session.hpp"

namespace telltale::cli {
namespace {

constexpr std::size_t kPiece = 8U << 20U;

base::Error problem_of(int status, std::string_view body) {
  const auto problem = base::parse_json(body);
  return {.code = base::code_from_http_status(status),
          .detail = problem && problem->is_object()
                        ? base::string_or(problem->get_object(), "detail", "HTTP error")
                        : "HTTP " + std::to_string(status)};
}

runtime::TaskResult<base::Json> put_piece(net::HttpClient* client, Connection connection,
                                          std::string path, std::string bytes) {
  net::ClientRequest request{
      .method = "PUT", .url = connection.url + path, .body = std::move(bytes)};
  request.headers.set("authorization", "Bearer " + connection.token);
  request.headers.set("content-type", "application/octet-stream");
  request.headers.set("prefer", "wait=300");
  auto answer = co_await client->request(std::move(request));
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->status != 200) co_return std::unexpected(problem_of(answer->status, answer->body));
  co_return base::Json();
}

runtime::TaskResult<bool> send_pieces(Connection connection, std::string path, std::FILE* file) {
  net::HttpClient client(*runtime::Loop::current(), {.header_timeout = std::chrono::minutes(6)});
  for (std::uint64_t offset = 0;;) {
    std::string bytes(kPiece, '\0');
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
    if (std::ferror(file) != 0)
      co_return base::fail(base::Code::invalid_argument, "the file cannot be read");
    if (bytes.empty()) co_return true;
    const auto size = bytes.size();
    auto sent = co_await put_piece(&client, connection, path + "?offset=" + std::to_string(offset),
                                   std::move(bytes));
    if (!sent) co_return std::unexpected(sent.error());
    offset += size;
  }
}

}  // namespace

runtime::TaskResult<base::Json> send_content(Connection connection, std::FILE* file,
                                             Sending options) {
  auto token = co_await access_token(connection);
  if (!token) co_return std::unexpected(token.error());
  connection.token = std::move(*token);
  base::JsonObject begin{
      {"name", options.name}, {"pin", options.pin}, {"cid_version", options.cid_version}};
  if (options.raw_leaves) begin["raw_leaves"] = true;
  auto begun = co_await call_api(
      connection, {.method = "POST", .path = "/api/content/uploads", .body = std::move(begin)});
  if (!begun) co_return begun;
  const auto path = "/api/content/uploads/" + base::string_or(begun->as_object(), "upload");
  auto sent = co_await send_pieces(connection, path, file);
  if (!sent) {
    (void)co_await call_api(connection, {.method = "DELETE", .path = path});
    co_return std::unexpected(sent.error());
  }
  co_return co_await call_api(
      connection,
      {.method = "POST", .path = path + "/finish", .body = base::JsonObject(), .wait_s = 300});
}

runtime::TaskResult<std::uint64_t> receive_content(Connection connection, std::string what,
                                                   std::FILE* file) {
  auto token = co_await access_token(connection);
  if (!token) co_return std::unexpected(token.error());
  const auto slash = what.find('/');
  auto url =
      connection.url + "/api/content/" + base::percent_encode(what.substr(0, slash)) + "/bytes";
  if (slash != std::string::npos) url += "?path=" + base::percent_encode(what.substr(slash + 1));
  net::HttpClient client(*runtime::Loop::current(), {.header_timeout = std::chrono::minutes(2)});
  net::ClientRequest request{.url = std::move(url)};
  request.headers.set("authorization", "Bearer " + *token);
  auto answer = co_await client.stream(std::move(request));
  if (!answer) co_return std::unexpected(answer.error());
  if ((*answer)->status() != 200) {
    auto body = co_await (*answer)->read_all(64U << 10U);
    co_return std::unexpected(problem_of((*answer)->status(), body.value_or("")));
  }
  for (std::uint64_t written = 0;;) {
    auto bytes = co_await (*answer)->read_some();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) co_return written;
    if (std::fwrite(bytes->data(), 1, bytes->size(), file) != bytes->size())
      co_return base::fail(base::Code::storage, "the file cannot be written");
    written += bytes->size();
  }
}

}  // namespace telltale::cli
