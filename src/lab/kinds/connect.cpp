#include "lab/kinds/kinds.hpp"
#include "lab/run/instance.hpp"

namespace telltale::lab {
namespace {

runtime::TaskResult<std::shared_ptr<mcp::Client>> connect(
    run::CaseContext* context, std::string server,
    std::function<void(mcp::ClientSettings&)> change) {
  auto instance = co_await context->own_server(std::move(server), std::move(change));
  if (!instance) co_return std::unexpected(instance.error());
  // The instance lives as long as somebody holds its client.
  co_return std::shared_ptr<mcp::Client>(*instance, &(*instance)->client());
}

}  // namespace

Connect connect_through(run::CaseContext* context, std::string server) {
  return [context, server = std::move(server)](std::function<void(mcp::ClientSettings&)> change) {
    return connect(context, server, std::move(change));
  };
}

std::function<void(double, double, std::string)> progress_through(run::CaseContext* context) {
  return [context](double done, double total, std::string message) {
    context->progress(done, total, std::move(message));
  };
}

}  // namespace telltale::lab
