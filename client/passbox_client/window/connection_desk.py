"""Choosing how the hospital is reached; counts from the next sending or look-up on."""

from passbox_client.window.connection import Connection
from passbox_client.window.desk import Desk
from passbox_client.window.steps import Page


class ConnectionDesk(Desk):
    """Intentions about the connection."""

    _before_connection: Page = Page.PRIVACY

    def open_connection(self) -> None:
        """Show how the hospital is reached."""
        if self.state.page is not Page.CONNECTION and not self.state.under_way:
            self._before_connection = self.state.page
            self._to(page=Page.CONNECTION, trouble=None)

    def set_connection(self, connection: Connection) -> None:
        """Take what was chosen or typed; a fault that is shown goes as soon as it is mended."""
        shown = self.state.trouble
        self._to(connection=connection, trouble=connection.trouble if shown else None)

    def leave_connection(self) -> None:
        """Go back to where one came from, when what was chosen can be used."""
        connection = self.state.connection
        if (trouble := connection.trouble) is not None:
            self._to(trouble=trouble)
            return
        self._preferences.keep_connection(connection)
        self._to(page=self._before_connection, trouble=None)
